"""The tender's register as peers: 172 units, 25 applications, and what the demonstration adds."""

from jingwei.region.plan import protocols_of
from jingwei.terms import Peer

# row, kind, vendor, model, quantity: the tender's 54 rows
ROWS = (
    (1, "crac", "Emerson/Vertiv", "CRV35RA", 2),
    (2, "ups", "SANTAK", "", 1),
    (3, "ups", "SANTAK", "15K", 2),
    (4, "ups", "SANTAK", "90K", 1),
    (5, "server", "Lenovo", "ThinkServer RD650", 2),
    (6, "server", "Lenovo", "ThinkServer RD650", 2),
    (7, "server", "HP", "ProLiant DL580 G7", 2),
    (8, "server", "IBM", "System x3650 M4", 2),
    (9, "server", "Lenovo", "ThinkServer RD640", 2),
    (10, "server", "Lenovo", "ThinkServer RD640", 2),
    (11, "server", "HP", "ProLiant DL580 G7", 4),
    (12, "server", "Lenovo", "System x3850 X6", 9),
    (13, "server", "Lenovo", "System x3650 M5", 5),
    (14, "server", "HPE", "ProLiant DL360 Gen9", 10),
    (15, "switch", "H3C", "S5130S", 2),
    (16, "storage", "Huawei", "OceanStor 5500 V3", 1),
    (17, "switch", "H3C", "S6520X-30QC-EI", 2),
    (18, "switch", "H3C", "S5130S-52S-HI", 4),
    (19, "fc-switch", "HPE", "SN6000B", 2),
    (20, "kvm", "", "KMD3232", 2),
    (21, "kvm", "", "KMD3232", 1),
    (22, "switch", "H3C", "S5000", 2),
    (23, "switch", "H3C", "S6520X-30QC-EI", 2),
    (24, "switch", "H3C", "S5130S-52S-HI", 4),
    (25, "firewall", "Ruijie", "RG-WALL 1600-M6600", 2),
    (26, "netgap", "Topsec", "TopRules 7000", 1),
    (27, "firewall", "360 Legendsec", "NSG5000-TG10M-Q", 2),
    (28, "firewall", "360 Legendsec", "NSG5000-TG10M-Q", 2),
    (29, "ids", "Huawei", "NIP6620", 1),
    (30, "log-audit", "Venustech", "天玥TSOC-SA1100", 1),
    (31, "nac", "Venustech", "天珣终端控制系统+天清汉马USG-1000DP", 1),
    (32, "bastion", "Legendsec", "SecFox运维安全管理与审计系统", 1),
    (33, "bastion", "Sangfor", "OSM-1000-C600", 2),
    (34, "situational-awareness", "Sangfor", "SIP-1000-B400", 1),
    (35, "situational-probe", "Sangfor", "STA-100-B420", 16),
    (36, "server", "HPE", "ProLiant DL380 Gen10", 6),
    (37, "storage", "Dell EMC", "Unity XT 480", 1),
    (38, "switch", "Huawei", "S12700E-8", 2),
    (39, "ids", "Huawei", "IPS6515E", 1),
    (40, "masking", "AsiaInfo / Sugon", "曙光SUGON 1420-G30", 1),
    (41, "db-firewall", "NSFOCUS", "DASFW-HD800C", 2),
    (42, "netgap", "Topsec", "TopRules 8000（RE-82266-RB）", 1),
    (43, "waf", "NSFOCUS", "WAF-HD300C", 2),
    (44, "load-balancer", "DPtech", "DPtech ADX3000-GC-XE", 2),
    (45, "av-gateway", "Leadsec", "Power V6000-A5310-HW06", 1),
    (46, "log-audit", "DBAPPSecurity", "DAS-LOG-1000", 1),
    (47, "ids", "NETPOWER", "NSIDS-6000-D366SH", 1),
    (48, "server", "Lenovo", "ThinkServer（具体型号未写）", 1),
    (49, "storage", "Huawei", "OceanStor S2600T-2C16G-12I1-AC", 1),
    (50, "fc-switch", "Huawei", "OceanStor SNS2120（SN0Z01FCSP）", 2),
    (51, "switch", "Huawei", "", 1),
    (52, "firewall", "Huawei", "USG5150", 1),
    (53, "server", "Lenovo", "ThinkSystem SR650", 27),
    (54, "firewall", "Legendsec", "NSG5000-TGSHWM", 20),
)


def whole_district() -> list[Peer]:
    """Everything the tender registers, two rooms and four databases."""
    peers = [
        Peer(f"HW-{row:03d}-{number}", kind, f"{vendor} {model}".strip(), vendor, model)
        for row, kind, vendor, model, quantity in ROWS
        for number in range(1, quantity + 1)
    ]
    peers += [Peer(f"APP-{n:02d}", "application", f"应用系统{n}") for n in range(1, 26)]
    peers += [Peer(f"DB-{n:02d}", "database", f"数据库{n}") for n in range(1, 5)]
    peers += [Peer(f"ROOM-{n:02d}", "room", f"机房{n}") for n in (1, 2)]
    return peers


def one_of_each() -> list[Peer]:
    """Of each vendor and model the one that speaks most: small enough for every test module."""
    most: dict[tuple[str, ...], Peer] = {}
    for peer in whole_district():
        several = peer.kind in {"application", "database", "room", "crac"}
        kind = (peer.key,) if several else (peer.kind, peer.vendor, peer.model)
        if kind not in most or len(protocols_of(peer)) > len(protocols_of(most[kind])):
            most[kind] = peer
    few = sorted(most.values(), key=whole_district().index)
    return [peer for peer in few if peer.key not in {f"APP-{n:02d}" for n in range(13, 25)}]
