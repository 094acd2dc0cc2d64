"""What the benchmarks share: data, answers, scores, the command line."""
