# SPDX-License-Identifier: Apache-2.0
"""The entity types that the engine knows, with HIPAA Safe Harbor's eighteen kinds among them."""

from __future__ import annotations

# Type -> what it covers. The order is the priority where two findings of equal score overlap.
ENTITY_TYPES: dict[str, str] = {
    "PERSON": "names of people, with their titles; names spelt letter by letter",
    "MY_IC": "Malaysian identity card numbers",
    "PASSPORT": "passport numbers",
    "MEDICAL_RECORD_NUMBER": "hospital registration, record and chart numbers",
    "PHONE_NUMBER": "telephone and fax numbers",
    "EMAIL_ADDRESS": "e-mail addresses",
    "USERNAME": "account names and handles",
    "URL": "web addresses",
    "IP_ADDRESS": "internet addresses",
    "BANK_ACCOUNT": "bank account numbers, IBAN",
    "CREDIT_CARD": "payment card numbers",
    "VEHICLE_PLATE": "licence plates",
    "ID_NUMBER": (
        "any other number that names: staff, student, licence, insurance, device, certificate"
    ),
    "ADDRESS": "street addresses, postcodes",
    "FACILITY": "hospitals, clinics, wards, houses of worship",
    "ORGANIZATION": "schools, employers, societies",
    "LOCATION": "places smaller than a country, and countries",
    "DATE_TIME": "dates that can be placed in time",
    "AGE": "ages",
    "NRP": "nationality, ethnicity, religion",
    "OCCUPATION": "occupations that single a person out",
}
PRIORITY = {name: -rank for rank, name in enumerate(ENTITY_TYPES)}
DIRECT = frozenset(list(ENTITY_TYPES)[:14])
QUASI = frozenset(ENTITY_TYPES) - DIRECT
