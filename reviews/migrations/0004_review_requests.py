
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0004_promotion_uses'),
        ('reviews', '0003_shoppers_write'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReviewRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='at')),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review_request', to='orders.order')),
            ],
            options={
                'verbose_name': 'request for a review',
                'verbose_name_plural': 'requests for reviews',
            },
        ),
    ]
