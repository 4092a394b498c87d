"""The errors that are raised on purpose; anything else is a bug."""


class LeitplankeError(Exception):
    """A condition that the user can act on; its text is one clear sentence."""

    exit_code = 1
    """What the command line exits with: 1 part of the input was not taken, 2 nothing was read."""


class ConfigurationError(LeitplankeError):
    """A setting, a catalogue file or a command is wrong; names file and key and stops the start."""

    exit_code = 2


class NotThisFormatError(LeitplankeError):
    """The input is not what the connector reads; says what was expected."""

    exit_code = 2


class InputError(LeitplankeError):
    """An input cannot be read to its end (truncated archive, bomb, oversized document)."""


class SourceUnavailableError(LeitplankeError):
    """A file, bus or store does not answer now; retried with back-off, then reported."""


class BusyError(LeitplankeError):
    """Another process writes to the same site; the caller waits or gives up."""


class BorderError(LeitplankeError):
    """Something tried to leave the site that is not a field of Observation or Manifest."""
