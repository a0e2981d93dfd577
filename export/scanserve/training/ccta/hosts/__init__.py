"""Real CTs as backgrounds of worlds: ``hosts.json`` names each, roughly the middle of its heart, and its source.

    HOSTS/hosts.json  {"hosts": [{"folder": "one", "heart_mm": [x, y, z], "title": "...", "smooth_mm": 0, "weight": 1}]}
    HOSTS/one/        one CT volume as DICOM

A *host* is such a CT with trees on its heart, made once (``making``) and kept in the cache.  Only making one reads
DICOM: scenes in hosts that are there are drawn on a machine without its readers.
"""

from scanserve.training.ccta.hosts.bank import host_bank
from scanserve.training.ccta.hosts.listing import FILE, Hosts, read_hosts
from scanserve.training.ccta.hosts.scenes import drawn_host, host_scene

__all__ = ["FILE", "Hosts", "drawn_host", "host_bank", "host_scene", "read_hosts"]
