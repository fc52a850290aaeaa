# GraphAudit in an image of its own: its five top-level packages share an environment with nobody.
FROM python:3.11.13-slim-bookworm

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1 GRAPHAUDIT_DATA=/data

RUN useradd --create-home --uid 10001 graphaudit && install --directory --owner=graphaudit --mode=0700 /data

WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY graphaudit graphaudit
COPY loaders loaders
COPY detectors detectors
COPY api api
COPY cypher cypher
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

USER graphaudit
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
ENTRYPOINT ["graphaudit"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
