"""Appraisals and their steps, append-only by trigger."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jingwei.accounts import guard
from jingwei.contract.guard import GUARDED

NAMES = {"contract_appraisal", "contract_appraisalstep"}
TABLES = [each for each in GUARDED if each.table in NAMES]


def put(apps, editor):
    """Set the guard."""
    guard.stand(editor.execute, editor.connection.vendor, TABLES)


def lift(apps, editor):
    """Take it away."""
    guard.lift(editor.execute, editor.connection.vendor, TABLES)


class Migration(migrations.Migration):
    """The client's appraisal of a period."""

    dependencies = [
        ('contract', '0006_seal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Appraisal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period_start', models.DateField(db_index=True, verbose_name='期间开始')),
                ('period_end', models.DateField(verbose_name='期间结束（含）')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='版本')),
                ('form', models.JSONField(verbose_name='考核表样式')),
                ('lines', models.JSONField(verbose_name='建议扣分')),
                ('coverage', models.JSONField(verbose_name='证据情况')),
                ('at', models.DateTimeField(verbose_name='起草时间')),
                ('by_name', models.CharField(max_length=150, verbose_name='起草人')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appraisals', to='contract.contract')),
            ],
            options={
                'ordering': ('-period_start', '-version'),
            },
        ),
        migrations.CreateModel(
            name='AppraisalStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('issued', '甲方发布'), ('appealed', '服务方申诉'), ('decided', '甲方裁定')], max_length=16, verbose_name='步骤')),
                ('lines', models.JSONField(default=list, verbose_name='扣分')),
                ('score', models.DecimalField(decimal_places=2, max_digits=5, null=True, verbose_name='得分')),
                ('text', models.TextField(blank=True, verbose_name='说明')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('by_name', models.CharField(max_length=150, verbose_name='经办人')),
                ('appraisal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='contract.appraisal')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddConstraint(
            model_name='appraisal',
            constraint=models.UniqueConstraint(fields=('contract', 'period_start', 'version'), name='appraisal_version'),
        ),
        migrations.AddConstraint(
            model_name='appraisalstep',
            constraint=models.UniqueConstraint(fields=('appraisal', 'kind'), name='appraisal_step_once'),
        ),
        migrations.RunPython(put, lift),
    ]
