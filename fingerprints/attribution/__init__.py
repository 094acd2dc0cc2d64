"""From an artifact to an answer: evidence a space, fusion, calibration, open set, verdict."""
