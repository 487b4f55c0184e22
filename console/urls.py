"""Where each door stands."""

from django.contrib import admin
from django.urls import include, path

from console import addresses
from inference.api.documents import problem_type
from inference.api.operations import healthz, metrics
from inference.web.sessions import admin_sign_in

addresses.register()

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("inference.api.urls")),
    path("problems/<slug:code>", problem_type, name="problem-type"),
    path("admin/login/", admin_sign_in),
    path("admin/", admin.site.urls),
    path("", include("inference.web.urls")),
]
handler400 = "console.refusals.bad_request"
handler403 = "inference.web.problems.forbidden"
handler404 = "inference.web.problems.not_found"
handler500 = "inference.web.problems.failed"
