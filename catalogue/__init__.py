"""The law book: facts, opinions, exceptions and values as YAML in Git, and the code that reads, dates and applies them.

`load` reads a folder into a `Snapshot` and says what is wrong with it; `match` recognises identifiers of the three
signals; `never` says what is dropped before storing; `verdict` says what the catalogue thinks of a unit's use of a
subject on a day; `hosts` knows registrable domains. No function here reads a clock or the network.
"""
