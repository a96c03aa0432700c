"""One session of tunable variables, shared by a JVM and Python programs."""

from trimtab._version import VERSION as __version__

__all__ = ["__version__"]
