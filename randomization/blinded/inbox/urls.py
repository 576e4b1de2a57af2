"""Addresses of the hatch, for the trial manager."""

from django.urls import path

from randomization.blinded.inbox.api import Messages as MessagesApi
from randomization.blinded.inbox.web import Messages

urlpatterns = [path("messages/", Messages.as_view(), name="messages_from_above")]
api_urlpatterns = [path("messages/", MessagesApi.as_view(), name="api_messages_from_above")]
