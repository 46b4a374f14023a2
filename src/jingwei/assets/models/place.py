"""Sites, machine rooms, racks, and the institutions the platform serves."""

from django.db import models


class Site(models.Model):
    """A place of the tender's list: 永和路数据中心, 容灾备份, 区属医疗机构. `code` is SITE-n."""

    code = models.CharField("站点号", max_length=32, unique=True)
    name = models.CharField("站点", max_length=100)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A machine room with sensors of its own. `code` is ROOM-nn."""

    code = models.CharField("机房号", max_length=32, unique=True)
    name = models.CharField("机房", max_length=100)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    sample = models.BooleanField("示例数据", default=False)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Rack(models.Model):
    """A cabinet in a room."""

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="racks")
    name = models.CharField("机柜", max_length=32)
    height = models.PositiveSmallIntegerField("高度（U）", default=42)

    class Meta:
        ordering = ("room", "name")
        constraints = (models.UniqueConstraint(fields=("room", "name"), name="rack_name"),)

    def __str__(self) -> str:
        return f"{self.room.name} {self.name}"


class Institution(models.Model):
    """A hospital or community centre. The tender names none: seeded ones are marked sample."""

    class Area(models.TextChoices):
        """The two data domains of the merged district."""

        NORTH = "N", "静安北"
        SOUTH = "S", "静安南"

    class Kind(models.TextChoices):
        """Which kind of institution."""

        HOSPITAL = "hospital-l2", "二级医院"
        COMMUNITY = "chc", "社区卫生服务中心"
        OTHER = "other", "其他"

    code = models.CharField("机构代码", max_length=32, unique=True)
    name = models.CharField("机构名称", max_length=100)
    area = models.CharField("片区", max_length=1, choices=Area.choices)
    kind = models.CharField("类型", max_length=16, choices=Kind.choices)
    sample = models.BooleanField("示例数据", default=False)
    valid_from = models.DateField("启用", null=True, blank=True)
    valid_to = models.DateField("停用", null=True, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name
