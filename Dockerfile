# The hotline in one image: Debian's own Asterisk 22, prompts, console. The same set-up as on a bare
# machine, so there is one way to build it. State (database, recordings, secrets) is a volume.
FROM debian:forky-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        asterisk asterisk-modules espeak-ng sox python3 python3-venv ca-certificates make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/hotline
COPY . .

# What set-up makes below .state (secrets among it) belongs to an installation, not into the image.
RUN make setup && rm -rf .state agent_console/web/node_modules

ENV HOTLINE_STATE_DIR=/var/lib/hotline
VOLUME /var/lib/hotline

HEALTHCHECK --interval=10s --start-period=60s \
    CMD python3 -c "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('HOTLINE_CONSOLE__PORT', '8000') + '/readyz', timeout=3)"

STOPSIGNAL SIGTERM
CMD [".venv/bin/callcenter", "up"]
