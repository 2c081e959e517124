"""Sign-in identities over districts; Pass and Classroom accounts per school; sign-in sessions."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from corridor.accounts.names import searchable
from corridor.roster.models import Location, School, SchoolClass


def same_email(email: str) -> str:
    """An e-mail address in the form in which two are compared: no space around, no case."""
    return email.strip().lower()


class Role(models.TextChoices):
    """What somebody is in Pass."""

    STUDENT = "student", _("Student")
    TEACHER = "teacher", _("Teacher")
    STAFF = "staff", _("Staff")
    ADMIN = "admin", _("Admin")


class ClassroomRole(models.TextChoices):
    """What somebody is in Classroom."""

    STUDENT = "student", _("Student")
    TEACHER = "teacher", _("Teacher")
    SUBSTITUTE = "substitute", _("Substitute")
    TECHNICIAN = "technician", _("Technician")
    SCHOOL_ADMIN = "school_admin", _("School admin")
    ORGANISATION_ADMIN = "organisation_admin", _("Organisation admin")


class IdentityManager(BaseUserManager["Identity"]):
    """Makes identities with a normalised address."""

    def create_user(self, email: str, password: str | None = None) -> "Identity":
        """An identity with this address and password (None: it cannot sign in by password)."""
        identity = self.model(email=same_email(email))
        identity.set_password(password)
        identity.save(using=self._db)
        return identity


class Identity(AbstractBaseUser):
    """A person who signs in, keyed by e-mail; the accounts say where and as what."""

    email = models.EmailField(max_length=254, unique=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = IdentityManager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = same_email(self.email)
        super().save(*args, **kwargs)


class PassAccount(models.Model):
    """A person in one school's Pass.

    `display_name` is what others read ("Ms. Rivera", "Ana Lopez"). `number` is what the school's
    other systems call the person by. `search` is what a search looks in (see `names.searchable`);
    `save` writes it, whoever writes in bulk does so too. The four limits are a student's own and
    beat the grade's and the school's; None leaves those in force. `unlimited` lifts them all.
    `limits_changed` is the JSON of who changed which of them last
    (`corridor.roster.settings.LastChange`).
    `remind_minutes` are the minutes before an appointment at which an adult wants an e-mail, with
    spaces between ("20 5").
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="pass_accounts")
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="pass_accounts")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=Role.choices)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80, blank=True)
    display_name = models.CharField(max_length=161)
    grade = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=40, blank=True, default="")
    search = models.CharField(max_length=400, blank=True, default="")
    period_limit = models.PositiveIntegerField(null=True, blank=True)
    daily_limit = models.PositiveIntegerField(null=True, blank=True)
    weekly_limit = models.PositiveIntegerField(null=True, blank=True)
    term_limit = models.PositiveIntegerField(null=True, blank=True)
    unlimited = models.BooleanField(default=False)
    limits_changed = models.TextField(default="{}", db_default="{}")
    remind_minutes = models.CharField(max_length=10, blank=True, default="", db_default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "email"], name="one_pass_account_per_email"),
            models.UniqueConstraint(
                fields=["school", "number"],
                condition=~models.Q(number=""),
                name="one_pass_account_per_number",
            ),
        ]
        indexes = [
            # In the order of lists, with the words beside it: a search reads only this index.
            models.Index(
                fields=["school", "family_name", "given_name", "search"], name="accounts_by_name"
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = same_email(self.email)
        self.search = self.searched()
        super().save(*args, **kwargs)

    def searched(self) -> str:
        """What a search for this person looks in."""
        return searchable(self.given_name, self.family_name, self.display_name, self.number)

    def __str__(self) -> str:
        return self.display_name


class Photo(models.Model):
    """The picture of a person: small, square, WebP, kept here so that a backup carries it.

    `mark` changes with the picture and stands in its address.
    """

    account = models.OneToOneField(
        PassAccount, primary_key=True, on_delete=models.CASCADE, related_name="photo"
    )
    mark = models.CharField(max_length=16)
    picture = models.BinaryField()


class Letter(models.Model):
    """A mail with a link to choose a password: an invitation to a school, or asked for.

    The link is made when it is sent, so that none is kept. `sent_at` None: still to be sent, at
    `next_try_at`, or given up (`failed_at`); `note` says what the mail server answered last.
    """

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="letters")
    account = models.ForeignKey(
        PassAccount, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    language = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="accounts_letters_due",
            )
        ]


class PeopleImport(models.Model):
    """A file of people: looked at, then carried out, perhaps undone.

    `text` is the file while it is only looked at. `counts` is JSON of what it would do, or did;
    `before` is JSON of what it replaced, kept as long as it can be undone. `alive_until` is in
    the future while a process works on it.
    """

    class State(models.TextChoices):
        LOOKED_AT = "looked_at"
        RUNNING = "running"
        DONE = "done"
        UNDONE = "undone"

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=200)
    options = models.TextField(default="{}")
    text = models.TextField(blank=True)
    looked_at = models.DateTimeField()
    by_account_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=161)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKED_AT)
    alive_until = models.DateTimeField(null=True)
    progress = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=400, blank=True)
    counts = models.TextField(default="{}")
    before = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["school", "-looked_at"], name="accounts_imports")]


class ClassroomAccount(models.Model):
    """A person in one school's Classroom; the same e-mail address joins it to a Pass account.

    Names are as in `PassAccount`: `display_name` is what others read, `search` what a search looks
    in, which `save` writes.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="classroom_accounts")
    identity = models.ForeignKey(
        Identity, on_delete=models.PROTECT, related_name="classroom_accounts"
    )
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=ClassroomRole.choices)
    given_name = models.CharField(max_length=80, blank=True, default="")
    family_name = models.CharField(max_length=80, blank=True, default="")
    display_name = models.CharField(max_length=161)
    search = models.CharField(max_length=400, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "email"], name="one_classroom_account_per_email"
            ),
        ]
        indexes = [
            models.Index(
                fields=["school", "family_name", "given_name"], name="accounts_classroom_names"
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = same_email(self.email)
        self.search = self.searched()
        super().save(*args, **kwargs)

    def searched(self) -> str:
        """What a search for this person looks in."""
        return searchable(self.given_name, self.family_name, self.display_name)

    def __str__(self) -> str:
        return self.display_name


class ClassTeacher(models.Model):
    """An adult of a class: whose class it is (`is_lead`), or a co-teacher."""

    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="teachers")
    account = models.ForeignKey(ClassroomAccount, on_delete=models.CASCADE, related_name="teaches")
    is_lead = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_class", "account"], name="once_in_a_class"),
            models.UniqueConstraint(
                fields=["school_class"],
                condition=models.Q(is_lead=True),
                name="one_lead_per_class",
            ),
        ]


class Enrolment(models.Model):
    """A student on the roster of a class."""

    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.CASCADE, related_name="enrolments"
    )
    account = models.ForeignKey(
        ClassroomAccount, on_delete=models.CASCADE, related_name="enrolments"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_class", "account"], name="once_on_a_roster"),
        ]


class ClassGroup(models.Model):
    """Some students of a class under one name ("Red table"), for the console."""

    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school_class", "name"], name="one_group_per_name"),
        ]


class ClassGroupMember(models.Model):
    """A student of a group; whoever leaves the roster leaves its groups."""

    group = models.ForeignKey(ClassGroup, on_delete=models.CASCADE, related_name="members")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="groups")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "enrolment"], name="once_in_a_class_group"),
        ]


class AccessPlan(models.Model):
    """The sites that a class may open, or may not (`blocks`); one in each line of `sites`.

    A shared one is offered to every adult of the school.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="access_plans")
    owner = models.ForeignKey(
        ClassroomAccount, on_delete=models.CASCADE, related_name="access_plans"
    )
    name = models.CharField(max_length=80)
    blocks = models.BooleanField(default=False)
    sites = models.TextField()
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_plan_per_name"),
        ]
        indexes = [models.Index(fields=["school", "name"], name="accounts_plans_by_name")]

    def __str__(self) -> str:
        return self.name


class WebLink(models.Model):
    """A web address that an adult keeps ready to open on students' devices."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="web_links")
    owner = models.ForeignKey(ClassroomAccount, on_delete=models.CASCADE, related_name="web_links")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=2_000)
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_link_per_name"),
        ]
        indexes = [models.Index(fields=["school", "name"], name="accounts_links_by_name")]

    def __str__(self) -> str:
        return self.name


class LocationLink(models.Model):
    """An adult of a location: of their own personal one, or of a shared one ("My locations")."""

    account = models.ForeignKey(PassAccount, on_delete=models.CASCADE, related_name="links")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="links")
    is_personal = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "location"], name="one_link"),
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(is_personal=True),
                name="one_personal_location_per_adult",
            ),
            models.UniqueConstraint(
                fields=["location"],
                condition=models.Q(is_personal=True),
                name="one_adult_per_personal_location",
            ),
        ]


class LocationListing(models.Model):
    """A student on the list of a location that is open, or closed, to listed students only.

    From `first_day` to `last_day` on the school's calendar, both included (None: no such bound).
    """

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="listings")
    account = models.ForeignKey(PassAccount, on_delete=models.CASCADE, related_name="listings")
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "account"], name="one_listing"),
        ]


class ApiKey(models.Model):
    """What another program shows to use the API for one school.

    `prefix` finds the row and names the key on screen; of the secret only a hash is kept.
    `scopes` are the words of `corridor.accounts.keys.SCOPES`, with spaces between. What the
    program changes is changed in the name of `account`, an adult; without one it only reads.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    hash = models.CharField(max_length=64)
    scopes = models.CharField(max_length=200)
    account = models.ForeignKey(
        PassAccount, null=True, on_delete=models.PROTECT, related_name="api_keys"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class DeviceKey(models.Model):
    """What the devices of a school show to be believed; the school's policy puts it on them.

    A device with the key says by its managed profile's e-mail address whose it is. Of the secret
    only a hash is kept.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="device_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True)
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def beginning(self) -> str:
        """How the secret begins, by which one knows it again."""
        return f"corridor-devices_{self.prefix}_…"


class PairingCode(models.Model):
    """A short code that joins one device to one student, once, within minutes; kept as a hash."""

    account = models.ForeignKey(
        ClassroomAccount, on_delete=models.CASCADE, related_name="pairing_codes"
    )
    hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()


class PairedDevice(models.Model):
    """A device that was joined to one student by a pairing code; it has a secret of its own."""

    account = models.ForeignKey(
        ClassroomAccount, on_delete=models.CASCADE, related_name="paired_devices"
    )
    name = models.CharField(max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    paired_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SignIn(AbstractBaseSession):
    """A sign-in session, with who it is and which of their accounts is in use in each product.

    The columns repeat what the session's data says, so that one query tells who is asking. Until
    `acting_until` an organisation admin acts as somebody: then the `acting_…` accounts count.
    `also_identity_id` is the same person too: one of the accounts in use got an address that nobody
    had, while the other one kept the old (`sessions.carry_sign_ins`).
    """

    identity = models.ForeignKey(Identity, null=True, on_delete=models.CASCADE)
    account = models.ForeignKey(PassAccount, null=True, on_delete=models.CASCADE)
    classroom_account = models.ForeignKey(
        ClassroomAccount, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    also_identity_id = models.BigIntegerField(null=True)
    acting_until = models.DateTimeField(null=True)
    acting_identity_id = models.BigIntegerField(null=True)
    acting_account_id = models.BigIntegerField(null=True)
    acting_classroom_account_id = models.BigIntegerField(null=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from corridor.accounts.sessions import SessionStore

        return SessionStore
