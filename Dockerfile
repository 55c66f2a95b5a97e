# One image for every process of Susa; the command says which one (see docker-compose.yml).
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    SUSA_HOME=/var/lib/susa

WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
      --require-hashes --only-binary=:all: -r requirements.lock

COPY migrations/ migrations/
COPY shared/ shared/
COPY services/ services/
RUN python -m compileall -q migrations shared services \
 && printf '#!/bin/sh\nexec python -P -m services.cli "$@"\n' >/usr/local/bin/susa \
 && chmod 755 /usr/local/bin/susa \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin susa \
 && install -d -o susa -g susa -m 700 /var/lib/susa /var/lib/susa/keys /var/lib/susa/attachments

# A new volume mounted on one of these folders takes over its owner.
USER susa
ENTRYPOINT ["susa"]
CMD ["--help"]
