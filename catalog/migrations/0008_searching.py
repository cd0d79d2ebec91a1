import catalog.models.facet
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_product_page'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommonWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lexeme', models.CharField(max_length=60, unique=True)),
                ("is_whole", models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'common word',
                'verbose_name_plural': 'common words',
            },
        ),
        migrations.CreateModel(
            name='CommonWordBlock',
            fields=[
                ('pk', models.CompositePrimaryKey('word_id', 'block', blank=True, editable=False, primary_key=True, serialize=False)),
                ('word', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='catalog.commonword')),
                ('block', models.PositiveIntegerField()),
                ('bits', catalog.models.facet.BitField()),
            ],
            options={
                'verbose_name': 'block of a common word',
                'verbose_name_plural': 'blocks of common words',
            },
        ),
        migrations.CreateModel(
            name='SearchMiss',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=100, unique=True, verbose_name='searched for')),
                ('count', models.PositiveIntegerField(default=1, verbose_name='how often')),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last time')),
            ],
            options={
                'verbose_name': 'search without results',
                'verbose_name_plural': 'searches without results',
                'ordering': ['-count', '-last_at'],
            },
        ),
        migrations.CreateModel(
            name='SearchSynonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), help_text='Words or short phrases that mean the same, parted by commas: sofa, couch.', verbose_name='words')),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, editable=False)),
            ],
            options={
                'verbose_name': 'group of synonyms',
                'verbose_name_plural': 'synonyms',
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=60)),
                ('plain', models.CharField(max_length=60)),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'word of the search',
                'verbose_name_plural': 'words of the search',
            },
        ),
        migrations.AddIndex(
            model_name='category',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('name', config='shop_english'), name='category_name_words'),
        ),
        migrations.AddIndex(
            model_name='category',
            index=models.Index(fields=['tree_id', 'lft'], name='catalog_category_tree_id_lc185'),
        ),
        migrations.AddIndex(
            model_name='searchmiss',
            index=models.Index(fields=['-count', '-last_at'], name='search_miss_count'),
        ),
        migrations.AddIndex(
            model_name='searchsynonym',
            index=django.contrib.postgres.indexes.GinIndex(fields=['keys'], name='search_synonym_keys'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(fields=['word'], name='search_word'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(django.contrib.postgres.indexes.OpClass('plain', 'varchar_pattern_ops'), name='search_word_start'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=django.contrib.postgres.indexes.GinIndex(fields=['plain'], name='search_word_trigrams', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(django.db.models.functions.text.Left('plain', 1), django.db.models.functions.text.Length('plain'), name='search_word_shape'),
        ),
        migrations.AddIndex(
            model_name='commonwordblock',
            index=models.Index(fields=['block'], name='common_word_block'),
        ),
    ]
