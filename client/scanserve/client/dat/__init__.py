"""DaTSCAN SPECT denoising: a short acquisition restored toward a long one."""
