"""The errors that are raised on purpose; anything else is a bug.

An error is raised with an English template and its fields: `InputError("{name}: breaks off", name=name)`. Its text is
the English sentence; the German one stands beside the template in `leitplanke/messages/errors.yaml`.
"""

from schemas.sentence import Sentence, said


class LeitplankeError(Exception):
    """A condition that the user can act on; its text is one clear sentence."""

    sentence: Sentence
    """What it says, for the face to say it in the reader's language."""
    exit_code = 1
    """What the command line exits with: 1 part of the input was not taken, 2 nothing was read."""

    def __init__(self, template: str, /, **fields: object) -> None:
        """A template and its fields, or a whole sentence."""
        self.sentence = said(template, **fields)
        super().__init__(self.sentence)


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
