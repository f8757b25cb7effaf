# docker build -t emolib . && docker run --rm -p 127.0.0.1:8000:8000 emolib
FROM python:3.13-slim
COPY pyproject.toml README.md LICENSE /emolib/
COPY emolib /emolib/emolib
COPY models /emolib/models
RUN pip install --no-cache-dir "/emolib[service]" && useradd --create-home service
USER service
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health')"]
CMD ["python", "-m", "emolib", "serve", "--host", "0.0.0.0"]
