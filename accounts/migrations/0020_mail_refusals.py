
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('address', models.CharField(max_length=64)),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
            ],
            options={
                'verbose_name': 'refusal of mails',
                'verbose_name_plural': 'refusals of mails',
                'constraints': [models.UniqueConstraint(fields=('kind', 'address'), name='mail_refused_once')],
            },
        ),
    ]
