"""Numbers of DNS and their names, as IANA keeps them."""

OPCODES = {0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"}
RCODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
    16: "BADVERS",
}
A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, OPT = 1, 2, 5, 6, 12, 15, 16, 28, 33, 41
TYPES = {
    A: "A",
    NS: "NS",
    CNAME: "CNAME",
    SOA: "SOA",
    PTR: "PTR",
    13: "HINFO",
    MX: "MX",
    TXT: "TXT",
    AAAA: "AAAA",
    29: "LOC",
    SRV: "SRV",
    35: "NAPTR",
    39: "DNAME",
    OPT: "OPT",
    43: "DS",
    44: "SSHFP",
    46: "RRSIG",
    47: "NSEC",
    48: "DNSKEY",
    50: "NSEC3",
    52: "TLSA",
    64: "SVCB",
    65: "HTTPS",
    251: "IXFR",
    252: "AXFR",
    255: "ANY",
    256: "URI",
    257: "CAA",
}
CLASSES = {1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
OPTIONS = {
    3: "NSID",
    8: "EDNS Client Subnet",
    9: "EDNS EXPIRE",
    10: "COOKIE",
    11: "edns-tcp-keepalive",
    12: "Padding",
    15: "Extended DNS Error",
}


def type_name(number: int) -> str:
    """`TYPE123` where a type has no name here (RFC 3597 §5)."""
    return TYPES.get(number, f"TYPE{number}")


def class_name(number: int) -> str:
    return CLASSES.get(number, f"CLASS{number}")


def rcode_name(number: int) -> str:
    return RCODES.get(number, f"RCODE{number}")
