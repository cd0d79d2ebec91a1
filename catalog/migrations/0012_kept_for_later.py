
import catalog.models.alert
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_tax_classes_and_amounts_off'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Wishlist',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('share_key', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='begun')),
                ('changed_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='last change')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='wishlists', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'wishlist',
                'verbose_name_plural': 'wishlists',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='WishlistItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_price', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='price then')),
                ('was_in_stock', models.BooleanField(verbose_name='was in stock')),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='kept')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='catalog.variant')),
                ('wishlist', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.wishlist')),
            ],
            options={
                'verbose_name': 'wish',
                'verbose_name_plural': 'wishes',
                'ordering': ['-added_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='StockAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('language', models.CharField(default='en', max_length=10)),
                ('key', models.CharField(default=catalog.models.alert.new_key, editable=False, max_length=64, unique=True)),
                ('sender', models.CharField(blank=True, editable=False, max_length=64)),
                ('state', models.CharField(choices=[('asked', 'not confirmed yet'), ('waiting', 'waiting'), ('told', 'told'), ('ended', 'called off')], default='asked', max_length=7, verbose_name='state')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='catalog.variant')),
            ],
            options={
                'verbose_name': 'stock alert',
                'verbose_name_plural': 'stock alerts',
                'ordering': ['-asked_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['variant', 'confirmed_at'], name='alert_waiting'), models.Index(fields=['asked_at'], name='alert_asked')],
                'constraints': [models.UniqueConstraint(models.F('variant'), django.db.models.functions.text.Lower('email'), condition=models.Q(('state__in', ['asked', 'waiting'])), name='alert_once_a_variant'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'waiting', 'told', 'ended'])), name='alert_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['waiting', 'told']), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='alert_waits_confirmed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'told'), ('told_at__isnull', False)), models.Q(models.Q(('state', 'told'), _negated=True), ('told_at__isnull', True)), _connector='OR'), name='alert_told_has_a_time')],
            },
        ),
        migrations.AddConstraint(
            model_name='wishlist',
            constraint=models.UniqueConstraint(fields=('owner', 'name'), name='wishlist_named_once'),
        ),
        migrations.AddConstraint(
            model_name='wishlistitem',
            constraint=models.UniqueConstraint(fields=('wishlist', 'variant'), name='wish_once_in_a_list'),
        ),
    ]
