"""Settings of all tests."""

from hypothesis import settings

settings.register_profile("busy", deadline=None)
settings.load_profile("busy")  # a busy machine is no fault of the code; speed is shown by bench/
