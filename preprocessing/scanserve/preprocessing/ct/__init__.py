"""CT series: slices into cardiac phases into volumes in HU."""
