"""One file a command: `arguments` says what it takes, `run` does it. Nothing heavy is imported before `run`."""
