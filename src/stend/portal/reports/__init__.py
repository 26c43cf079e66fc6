"""Reports on the course as pages of one file each."""
