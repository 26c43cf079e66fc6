"""What a call of the playground costs: found in the recording, counted, and laid out in time."""
