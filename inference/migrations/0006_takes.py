"""Fields that are taken back by force, by their names. SQLite makes a table that is constrained
anew without its triggers, so those of history are put away and back."""

from django.db import migrations, models

from inference.audit import immutability

HISTORY = ("inference_edit", "inference_planstep")


def put_back(apps, editor):
    immutability.install(editor.connection.vendor, editor.execute, HISTORY)


def put_away(apps, editor):
    immutability.remove(editor.connection.vendor, editor.execute, HISTORY)


class Migration(migrations.Migration):

    dependencies = [
        ('inference', '0005_metrics_sources'),
    ]

    operations = [
        migrations.RunPython(put_away, put_back),
        migrations.AddField(
            model_name='desiredobject',
            name='takes',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='edit',
            name='takes',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='planstep',
            name='takes',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddConstraint(
            model_name='edit',
            constraint=models.CheckConstraint(condition=models.Q(('verb', 'update'), ('takes', []), _connector='OR'), name='edit_takes_fields_back_in_an_update_only', violation_error_message='Only an update takes fields back by force.'),
        ),
        migrations.AddConstraint(
            model_name='planstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('force', False), ('takes', [])), models.Q(('force', True), ('verb', 'update'), models.Q(('takes', []), _negated=True)), _connector='OR'), name='plan_step_is_forced_for_named_fields_only', violation_error_message='A step that uses force names the fields that it takes.'),
        ),
        migrations.RunPython(put_back, put_away),
    ]
