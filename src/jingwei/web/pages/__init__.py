"""The pages, one file a noun; each exposes `urlpatterns`."""
