"""Controls: is it what we think it is, or a format, a resolution, a random network?"""
