"""Every address, and nothing else. No address ends in a slash."""

from allauth.account import views as allauth_views
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.urls.converters import IntConverter

from corridor.web import acting, demo, entry, guards, health
from corridor.web.admin import (
    apart,
    bell,
    emergency,
    keys,
    people,
    people_import,
    people_photos,
    places,
    places_csv,
    retention,
    simulator,
    student_limits,
    webhooks,
)
from corridor.web.admin import settings as school_settings
from corridor.web.agent import page as student_page_of_classroom
from corridor.web.api.addresses import urls as api
from corridor.web.classroom import (
    classes,
    devices,
    mismatches,
    one_class,
    plans,
    rosters_csv,
    systems,
)
from corridor.web.classroom import home as classroom_home
from corridor.web.classroom import passes as classroom_passes
from corridor.web.classroom import people as classroom_people
from corridor.web.classroom import photo as classroom_photo
from corridor.web.console import asking, screens, start
from corridor.web.console import history as class_history
from corridor.web.console import page as console
from corridor.web.console import passes as class_passes
from corridor.web.console import sessions as class_sessions
from corridor.web.hall import monitor, sightings
from corridor.web.hall import proof as hall_proof
from corridor.web.staff import (
    appointments,
    auto_pass,
    dashboard,
    history,
    locations,
    out_of_office,
    photo,
    queue,
    reports,
    student_page,
    teacher_pass,
)
from corridor.web.staff import passes as staff_passes
from corridor.web.student import appointments as own_appointments
from corridor.web.student import history as own_history
from corridor.web.student import home
from corridor.web.student import passes as student_passes
from corridor.web.student import proof as student_proof


class Number(IntConverter):
    """An id as the databases hold it; a longer one names nothing."""

    regex = "[0-9]{1,18}"


register_converter(Number, "number")

handler400 = "corridor.web.errors.bad_request"
handler403 = "corridor.web.errors.not_allowed"
handler404 = "corridor.web.errors.not_found"
handler429 = "corridor.web.errors.too_many"
handler500 = "corridor.web.errors.our_fault"

student = (
    [
        path("student", home.home, name="home"),
        path("student/passes", student_passes.request, name="request"),
        path("student/appointments", own_appointments.appointments, name="appointments"),
        path(
            "student/appointments/<number:pass_id>/withdraw",
            own_appointments.withdraw,
            name="take_back",
        ),
        path("student/history", own_history.history, name="history"),
        path("student/passes/<number:pass_id>/correction", own_history.correct, name="correct"),
        path(
            "student/passes/<number:pass_id>/correction/withdraw",
            own_history.withdraw,
            name="withdraw_correction",
        ),
        path("student/passes/<number:pass_id>/<slug:move_name>", student_passes.move, name="move"),
        path("student/code", student_proof.code, name="code"),
    ],
    "student",
)
staff = (
    [
        path("staff", dashboard.dashboard, name="dashboard"),
        path("staff/passes/<number:pass_id>", staff_passes.detail, name="pass"),
        path("staff/passes/<number:pass_id>/comment", staff_passes.comment, name="comment"),
        path(
            "staff/passes/<number:pass_id>/edit_times", staff_passes.edit_times, name="edit_times"
        ),
        path(
            "staff/passes/<number:pass_id>/correction",
            staff_passes.answer_correction,
            name="correction",
        ),
        path("staff/passes/<number:pass_id>/<slug:move_name>", staff_passes.move, name="move"),
        path("staff/appointments/new", appointments.make, name="make_appointment"),
        path("staff/appointments/mine", appointments.choices, name="appointment_choices"),
        path(
            "staff/appointments/<number:pass_id>/change",
            appointments.change,
            name="change_appointment",
        ),
        path(
            "staff/appointments/<number:pass_id>/cancel",
            appointments.cancel,
            name="cancel_appointment",
        ),
        path("staff/queue/<number:location_id>/clear", queue.clear, name="clear_line"),
        path("staff/auto-pass", auto_pass.auto_pass, name="auto_pass"),
        path("staff/teacher-pass", teacher_pass.teacher_pass, name="teacher_pass"),
        path("staff/teacher-pass/check", teacher_pass.check, name="check"),
        path("staff/out-of-office", out_of_office.out_of_office, name="out_of_office"),
        path(
            "staff/out-of-office/<number:location_id>/<slug:key>/end",
            out_of_office.end,
            name="end_out_of_office",
        ),
        path("staff/corrections", staff_passes.to_confirm, name="corrections"),
        path("staff/history", history.history, name="history"),
        path("staff/history/refused", history.refusals, name="refusals"),
        path("staff/reports", reports.reports, name="reports"),
        path("staff/students/<number:student_id>", student_page.student, name="student"),
        path("staff/students", teacher_pass.students, name="students"),
        path("staff/bell", dashboard.bell, name="bell"),
        path("staff/my-locations", locations.my_locations, name="my_locations"),
        path("people/<number:account_id>/photo", photo.photo, name="photo"),
    ],
    "staff",
)
hall = (
    [
        path("hall", monitor.monitor, name="monitor"),
        path("hall/passes/<number:pass_id>/end", monitor.end, name="end"),
        path("hall/passes/<number:pass_id>/undo", monitor.undo, name="undo"),
        path("hall/word", hall_proof.word, name="word"),
        path("hall/proof/<str:token>", hall_proof.proof, name="proof"),
        path("hall/without-pass", sightings.without_pass, name="without_pass"),
        path("hall/notes", sightings.notes, name="notes"),
    ],
    "hall",
)
classroom = (
    [
        path("classroom", classroom_home.home, name="home"),
        path("classroom/student", student_page_of_classroom.student, name="student"),
        path("classroom/classes", classes.classes, name="classes"),
        path("classroom/classes/<number:class_id>/start", start.start, name="start"),
        path(
            "classroom/classes/<number:class_id>/start/students",
            start.students,
            name="start_students",
        ),
        path("classroom/sessions/<number:session_id>", console.console, name="console"),
        path("classroom/history", class_history.history, name="history"),
        path("classroom/history/<number:session_id>", class_history.session, name="past"),
        path("classroom/sessions/<number:session_id>/look", screens.look, name="look"),
        path("classroom/sessions/<number:session_id>/extend", class_sessions.extend, name="extend"),
        path("classroom/sessions/<number:session_id>/stop", class_sessions.stop, name="stop"),
        path("classroom/sessions/<number:session_id>/undo", class_sessions.undo, name="undo"),
        path("classroom/sessions/<number:session_id>/ask/<slug:kind_name>", asking.ask, name="ask"),
        path(
            "classroom/sessions/<number:session_id>/send/<slug:kind_name>", asking.send, name="send"
        ),
        path(
            "classroom/sessions/<number:session_id>/commands/<number:command_id>",
            asking.results,
            name="results",
        ),
        path(
            "classroom/sessions/<number:session_id>/students/<number:student_id>",
            console.student,
            name="student_of",
        ),
        path(
            "classroom/sessions/<number:session_id>/students/<number:student_id>/read",
            class_sessions.read,
            name="read",
        ),
        path(
            "classroom/sessions/<number:session_id>/students/<number:student_id>/write",
            class_sessions.write,
            name="write",
        ),
        path(
            "classroom/sessions/<number:session_id>/students/<number:student_id>/give",
            class_passes.give,
            name="give_pass",
        ),
        path(
            "classroom/sessions/<number:session_id>/students/<number:student_id>"
            "/passes/<number:pass_id>",
            class_passes.pass_of,
            name="pass_of",
        ),
        path("classroom/passes", classroom_passes.centre, name="passes"),
        path("classroom/passes/<number:pass_id>", classroom_passes.detail, name="pass"),
        path(
            "classroom/passes/<number:pass_id>/comment",
            classroom_passes.comment,
            name="comment_on_pass",
        ),
        path(
            "classroom/passes/<number:pass_id>/edit_times",
            classroom_passes.edit_times,
            name="edit_times_of_pass",
        ),
        path(
            "classroom/passes/<number:pass_id>/correction",
            classroom_passes.answer_correction,
            name="correction_of_pass",
        ),
        path(
            "classroom/passes/<number:pass_id>/<slug:move_name>",
            classroom_passes.move,
            name="move_pass",
        ),
        path(
            "classroom/appointments/<number:pass_id>/change",
            classroom_passes.change_appointment,
            name="change_appointment",
        ),
        path(
            "classroom/appointments/<number:pass_id>/cancel",
            classroom_passes.cancel_appointment,
            name="cancel_appointment",
        ),
        path("classroom/settings/devices", devices.devices, name="devices"),
        path("classroom/settings/devices/keys", devices.make_key, name="make_device_key"),
        path(
            "classroom/settings/devices/keys/<number:key_id>/revoke",
            devices.revoke_key,
            name="revoke_device_key",
        ),
        path("classroom/settings/devices/codes", devices.make_code, name="make_pairing_code"),
        path(
            "classroom/settings/devices/<number:device_id>/revoke",
            devices.revoke_device,
            name="revoke_device",
        ),
        path("classroom/classes/new", one_class.new_class, name="new_class"),
        path("classroom/classes/import", rosters_csv.import_, name="import_rosters"),
        path("classroom/classes/export", rosters_csv.export, name="export_rosters"),
        path("classroom/classes/<number:class_id>", one_class.one_class, name="class"),
        path(
            "classroom/classes/<number:class_id>/teachers",
            one_class.teachers,
            name="class_teachers",
        ),
        path("classroom/classes/<number:class_id>/roster", one_class.roster, name="roster"),
        path("classroom/classes/<number:class_id>/group", one_class.group, name="group"),
        path(
            "classroom/classes/<number:class_id>/archive", one_class.archive, name="archive_class"
        ),
        path("classroom/classes/active", classes.active, name="active"),
        path("classroom/students", one_class.students, name="students"),
        path("classroom/students/<number:account_id>/photo", classroom_photo.photo, name="photo"),
        path("classroom/plans", plans.plans, name="plans"),
        path("classroom/plans/<number:plan_id>", plans.plan, name="plan"),
        path("classroom/plans/<number:plan_id>/remove", plans.remove_plan, name="remove_plan"),
        path("classroom/links", plans.links, name="links"),
        path("classroom/links/<number:link_id>", plans.link, name="link"),
        path("classroom/links/<number:link_id>/remove", plans.remove_link, name="remove_link"),
        path("classroom/settings", systems.systems, name="systems"),
        path("classroom/settings/pass", mismatches.page, name="mismatches"),
        path("classroom/settings/pass/correct", mismatches.correct, name="correct_mismatch"),
        path("classroom/settings/permissions", systems.permissions, name="permissions"),
        path("classroom/people", classroom_people.people, name="people"),
        path("classroom/people/new", classroom_people.add, name="add_person"),
        path("classroom/people/join", classroom_people.join, name="join"),
        path("classroom/people/<number:account_id>", classroom_people.person, name="person"),
        path(
            "classroom/people/<number:account_id>/close",
            classroom_people.close,
            name="close_account",
        ),
        path(
            "classroom/people/<number:account_id>/reopen",
            classroom_people.reopen,
            name="reopen_account",
        ),
    ],
    "classroom",
)
admin = (
    [
        path("admin/people", people.people, name="people"),
        path("admin/people/new", people.add, name="add_person"),
        path("admin/people/invite", people.invite_all, name="invite_all"),
        path("admin/people/export", people_import.export, name="export_people"),
        path("admin/people/import", people_import.import_, name="import_people"),
        path("admin/people/import/<number:import_id>", people_import.one_import,
             name="people_import"),
        path("admin/people/import/<number:import_id>/begin", people_import.begin,
             name="begin_import"),
        path("admin/people/import/<number:import_id>/progress", people_import.progress,
             name="import_progress"),
        path("admin/people/import/<number:import_id>/problems", people_import.problems,
             name="import_problems"),
        path("admin/people/import/<number:import_id>/undo", people_import.undo,
             name="undo_import"),
        path("admin/people/photos", people_photos.people_photos, name="people_photos"),
        path("admin/people/<number:account_id>", people.person, name="person"),
        path("admin/people/<number:account_id>/close", people.close, name="close_account"),
        path("admin/people/<number:account_id>/reopen", people.reopen, name="reopen_account"),
        path("admin/people/<number:account_id>/invite", people.invite, name="invite"),
        path("admin/people/<number:account_id>/photo", people.put_photo, name="put_photo"),
        path("admin/people/<number:account_id>/photo/remove", people.remove_photo,
             name="remove_photo"),
        path("admin/people/<number:account_id>/data", student_page.data, name="student_data"),
        path("admin/people/<number:account_id>/limits", student_limits.student_limits,
             name="student_limits"),
        path("admin/places", places.places, name="places"),
        path("admin/retention", retention.retention, name="retention"),
        path("admin/places/export", places_csv.export, name="export_places"),
        path("admin/places/import", places_csv.import_, name="import_places"),
        path("admin/places/<number:location_id>", places.place, name="place"),
        path("admin/places/<number:location_id>/row", places.place_row, name="place_row"),
        path("admin/places/<number:location_id>/archive", places.archive, name="archive_place"),
        path("admin/places/<number:location_id>/reopen", places.reopen, name="reopen_place"),
        path("admin/places/<number:location_id>/students", places.list_, name="list_student"),
        path("admin/places/<number:location_id>/students/<number:account_id>/remove", places.unlist,
             name="unlist_student"),
        path("admin/settings/<slug:page>", school_settings.settings_page, name="settings"),
        path("admin/settings/limits/grades", school_settings.grade_limits, name="grade_limits"),
        path("admin/settings/limits/blocked", school_settings.block, name="block"),
        path("admin/settings/limits/around-bell", school_settings.block_around,
             name="block_around"),
        path("admin/settings/limits/blocked/<slug:key>/remove", school_settings.unblock,
             name="unblock"),
        path("admin/bell", bell.bell, name="bell"),
        path("admin/bell/today", bell.today, name="bell_today"),
        path("admin/bell/week", bell.week, name="bell_week"),
        path("admin/bell/schedules/new", bell.schedule, name="new_schedule"),
        path("admin/bell/schedules/<slug:key>", bell.schedule, name="schedule"),
        path("admin/bell/schedules/<slug:key>/remove", bell.remove, name="remove_schedule"),
        path("admin/bell/calendar", bell.calendar, name="bell_calendar"),
        path("admin/apart", apart.apart, name="apart"),
        path("admin/apart/<number:group_id>", apart.edit, name="edit_apart"),
        path("admin/apart/<number:group_id>/end", apart.end, name="end_apart"),
        path("admin/try-limits", simulator.simulator, name="simulator"),
        path("admin/emergency", emergency.emergency, name="emergency"),
        path("admin/emergency/freeze", emergency.freeze, name="freeze"),
        path("admin/emergency/text", emergency.freeze_text, name="freeze_text"),
        path("admin/emergency/unfreeze", emergency.unfreeze, name="unfreeze"),
        path("admin/keys", keys.keys, name="keys"),
        path("admin/keys/<number:key_id>/revoke", keys.revoke, name="revoke_key"),
        path("admin/webhooks", webhooks.webhooks, name="webhooks"),
        path("admin/webhooks/<number:webhook_id>", webhooks.webhook, name="webhook"),
        path("admin/webhooks/<number:webhook_id>/enable", webhooks.enable, name="enable_webhook"),
        path("admin/webhooks/<number:webhook_id>/resign", webhooks.resign, name="resign_webhook"),
        path("admin/webhooks/<number:webhook_id>/remove", webhooks.remove, name="remove_webhook"),
    ],
    "admin",
)  # fmt: skip
# Only what a school's sign-in needs of allauth: nobody signs up, connects or changes an address.
accounts = [
    path("account/sign-in", guards.anybody(allauth_views.login), name="account_login"),
    path("account/sign-out", guards.anybody(allauth_views.logout), name="account_logout"),
    path("account/password", guards.anybody(allauth_views.password_change),
         name="account_change_password"),
    path("account/password/set", guards.anybody(allauth_views.password_set),
         name="account_set_password"),
    path("account/password/reset", guards.anybody(allauth_views.password_reset),
         name="account_reset_password"),
    path("account/password/reset/sent", guards.anybody(allauth_views.password_reset_done),
         name="account_reset_password_done"),
    path("account/password/reset/done",
         guards.anybody(allauth_views.password_reset_from_key_done),
         name="account_reset_password_from_key_done"),
    # The key has a hyphen of its own: the person's number ends at the first one.
    re_path(r"^account/password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$",
            guards.anybody(allauth_views.password_reset_from_key),
            name="account_reset_password_from_key"),
    path("account/inactive", guards.anybody(allauth_views.account_inactive),
         name="account_inactive"),
    path("account/reauthenticate", guards.anybody(allauth_views.reauthenticate),
         name="account_reauthenticate"),
    # Named by allauth in places that its settings keep closed.
    path("account/closed", guards.anybody(entry.front_door), name="account_signup"),
]  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api)),
    path("", entry.front_door, name="home"),
    path("switch", entry.switch, name="switch"),
    path("acting/begin", acting.begin, name="begin_acting"),
    path("acting/end", acting.end, name="end_acting"),
    path("setup/<str:token>", entry.setup, name="setup"),
    path("", include(student)),
    path("", include(staff)),
    path("", include(hall)),
    path("", include(classroom)),
    path("", include(admin)),
    path("", include(accounts)),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
if settings.CORRIDOR.demo:
    urlpatterns += [
        path("demo", demo.sign_in_page, name="demo"),
        path("demo/sign-in", demo.sign_in, name="demo_sign_in"),
    ]
