"""Handlebars templates, as WireMock and Mockoon use them, translated into MockForge's own."""
