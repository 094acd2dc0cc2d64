"""What stands between a visitor and the pages: limits, the line before what is costly, health."""
