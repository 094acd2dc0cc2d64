# The app in a container:  docker build -t manifpt .
#                          docker run -p 7860:7860 -v manifpt:/data manifpt
# Behind a proxy, under a sub-path: compose.yaml. What the variables mean: docs/operate.md.

FROM python:3.11-slim AS packages
# The usual torch for Linux brings CUDA, which nothing here uses, and several gigabytes of it. The smaller build for CPUs
# is in an index of its own: give its address as a build argument, and pip takes that build (its version, ending in
# "+cpu", counts as the newer one):
#     docker build --build-arg PIP_EXTRA_INDEX_URL=... -t manifpt .
# With a mirror of all packages of your own, give PIP_INDEX_URL instead. Both are read by pip itself.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
# Further packages from here, for example requirements-formats.txt or requirements-mcp.txt.
ARG FURTHER=requirements.txt
COPY requirements.txt requirements-formats.txt requirements-mcp.txt requirements-learned.txt /tmp/
RUN python -m venv /opt/venv \
 && cd /tmp \
 && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt -r "$FURTHER"

# A second stage, so that neither pip's leavings nor the addresses above are in the image.
FROM python:3.11-slim
RUN useradd --uid 1000 --create-home app \
 && mkdir /data \
 && chown app:app /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY app.py README.md LICENSE NOTICE ./
COPY fingerprints fingerprints
COPY registry registry
COPY zoo zoo
COPY demo demo
COPY deploy/health.py deploy/health.py
COPY docs/measured.md docs/measured.md
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    GRADIO_ANALYTICS_ENABLED=False \
    HF_HUB_DISABLE_TELEMETRY=1 \
    FINGERPRINT_REGISTRY=/data/registry
USER app
# What is added outlives the container.
VOLUME /data
EXPOSE 7860
# Python as the first process ignores SIGTERM, and ends in order at this.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "deploy/health.py"]
CMD ["python", "app.py"]
