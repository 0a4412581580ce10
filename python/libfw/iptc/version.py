"""The version of python-iptables that this module does the work of."""

__pkgname__ = "python-iptables"
__version__ = "1.2.0"
