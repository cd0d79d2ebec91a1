import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def take_as_read(apps, schema_editor):
    """Staff have decided on what is published or hidden."""
    Review = apps.get_model("reviews", "Review")
    Review.objects.exclude(status="pending").update(checked_at=models.F("written_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_tax_classes_and_amounts_off'),
        ('orders', '0004_promotion_uses'),
        ('reviews', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReviewReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=2000, verbose_name='text')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='written')),
            ],
            options={
                'verbose_name': 'reply',
                'verbose_name_plural': 'replies',
            },
        ),
        migrations.CreateModel(
            name='ReviewReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=1000, verbose_name='why')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReviewSettings',
            fields=[
                ('id', models.PositiveSmallIntegerField(editable=False, primary_key=True, serialize=False)),
                ('moderation', models.CharField(choices=[('before', 'read first, then published'), ('after', 'published at once, read afterwards')], default='before', max_length=6, verbose_name='reviews are')),
                ('request_after_days', models.PositiveSmallIntegerField(default=10, help_text='With 0, nobody is asked by mail.', validators=[django.core.validators.MaxValueValidator(90)], verbose_name='days after delivery to ask for a review')),
            ],
            options={
                'verbose_name': 'review settings',
                'verbose_name_plural': 'review settings',
            },
        ),
        migrations.CreateModel(
            name='ReviewVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'vote',
                'verbose_name_plural': 'votes',
            },
        ),
        migrations.AddField(
            model_name='review',
            name='author_key',
            field=models.CharField(blank=True, default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='review',
            name='checked_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='read by staff'),
        ),
        migrations.AddField(
            model_name='review',
            name='edited_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='changed'),
        ),
        migrations.AddField(
            model_name='review',
            name='helpful_count',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='helped'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('author_key', ''), _negated=True), fields=('product', 'author_key'), name='review_once_an_address'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'published', 'hidden'])), name='review_status_known'),
        ),
        migrations.AddField(
            model_name='reviewreply',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewreply',
            name='review',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reply', to='reviews.review'),
        ),
        migrations.AddField(
            model_name='reviewreport',
            name='reporter',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='review_reports', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewreport',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='reviews.review'),
        ),
        migrations.AddConstraint(
            model_name='reviewsettings',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='review_settings_one_row'),
        ),
        migrations.AddConstraint(
            model_name='reviewsettings',
            constraint=models.CheckConstraint(condition=models.Q(('moderation__in', ['before', 'after'])), name='review_moderation_known'),
        ),
        migrations.AddField(
            model_name='reviewvote',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='reviews.review'),
        ),
        migrations.AddField(
            model_name='reviewvote',
            name='voter',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='review_votes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='reviewreport',
            constraint=models.UniqueConstraint(fields=('review', 'reporter'), name='review_report_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='reviewvote',
            constraint=models.UniqueConstraint(fields=('review', 'voter'), name='review_vote_once_a_person'),
        ),
        migrations.RunPython(take_as_read, migrations.RunPython.noop, elidable=True),
    ]
