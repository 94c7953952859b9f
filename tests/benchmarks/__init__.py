"""What scripts/bench runs: our verbs beside the compiled peer's, in one run. Never a timed test."""
