"""Programs written for the real SDK, run with ours in its place: `scripts/conformance`."""
