"""Numbers that programs ask for. Nothing is loaded: the matches and targets are libfw's."""

from __future__ import annotations

from .errors import XTablesError as XTablesError

#: The version of libxtables whose matches and targets are known here.
xtables_version = 12

NFPROTO_UNSPEC = 0
NFPROTO_IPV4 = 2
NFPROTO_ARP = 3
NFPROTO_BRIDGE = 7
NFPROTO_IPV6 = 10
NFPROTO_DECNET = 12
# The number that python-iptables has for it, which is not the kernel's.
NFPROTO_NUMPROTO = 6
XT_INV_PROTO = 0x40

# How libxtables looks for an extension.
XTF_DONT_LOAD = 0
XTF_DURING_LOAD = 1
XTF_TRY_LOAD = 2
XTF_LOAD_MUST_SUCCEED = 3
