"""Inside the ministry: raw data to observations. The only code that sees an actor."""
