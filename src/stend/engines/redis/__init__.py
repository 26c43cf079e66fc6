"""Redis of the stand: the server of a wheel, or an emulation where there is no wheel."""
