"""The web service keeps to its own OpenAPI description, whatever it is sent."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web_service import Process

CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
patient = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def description(tmp_path_factory):
    service = Process(tmp_path_factory.mktemp("service"))
    yield schemathesis.openapi.from_url(f"{service.address}/openapi.json")
    service.stop()
    assert "Traceback" not in service.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("/predict", GenerationMode.POSITIVE),
        ("/predict", GenerationMode.NEGATIVE),
        ("/annotate", GenerationMode.POSITIVE),
        ("/annotate", GenerationMode.NEGATIVE),
        ("/model", GenerationMode.POSITIVE),  # these two take nothing that could be wrong
        ("/health", GenerationMode.POSITIVE),
    ],
)
def test_every_answer_is_as_described(description, address, mode):
    operations = (found.ok() for found in description.get_all_operations())
    [operation] = [operation for operation in operations if operation.path == address]

    @patient
    @given(operation.as_strategy(generation_mode=mode))
    def check(case):
        answer = case.call()
        # the bounded queue may say so
        own = [] if answer.status_code == 503 else [not_a_server_error]
        case.validate_response(answer, checks=own + CONFORMANCE)

    check()
