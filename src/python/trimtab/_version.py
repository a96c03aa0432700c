"""The version of this package, as both sides of the wire name it."""

VERSION = "0.1.0.dev0"
SOFTWARE = f"trimtab-python {VERSION}"
