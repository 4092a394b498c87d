"""The face: command line, settings, texts in German and English."""
