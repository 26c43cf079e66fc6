"""What the portal tells other programs: JSON over HTTP."""
