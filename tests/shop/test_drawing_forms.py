"""A form that is written {{ form }} is in the shop's look."""

from django import forms
from django.test.html import parse_html
from django.utils.html import escape


class Letter(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="For the confirmation.")
    floor = forms.CharField(label="Floor", required=False)
    secret = forms.CharField(label="Password", widget=forms.PasswordInput)
    way = forms.ChoiceField(
        label="Delivery", choices=[("post", "Post"), ("van", "Van")], widget=forms.RadioSelect
    )
    terms = forms.BooleanField(label="I agree", error_messages={"required": "Agree to the terms"})


def test_a_field_reads_label_hint_error_widget_in_this_order() -> None:
    html = Letter({})["email"].as_field_group()

    places = [
        html.index(part)
        for part in ('<label for="id_email"', "id_email_helptext", "id_email_error", "<input")
    ]
    assert places == sorted(places)
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_field_that_may_stay_empty_says_so() -> None:
    assert "(optional)" in Letter()["floor"].as_field_group()
    assert "(optional)" not in Letter()["email"].as_field_group()


def test_a_password_can_be_shown() -> None:
    assert 'data-reveal="id_secret"' in Letter()["secret"].as_field_group()


def test_choices_are_named_by_their_legend() -> None:
    html = Letter()["way"].as_field_group()

    assert '<legend class="label">Delivery</legend>' in html
    assert 'for="id_way_1"' in html


def test_the_summary_leads_to_each_mistake() -> None:
    html = str(Letter({"email": "anna", "secret": "x", "way": "post"}))

    assert '<a href="#id_email">Enter a valid email address.</a>' in html
    assert '<a href="#id_terms">Agree to the terms</a>' in html
    assert html.count("<a href=") == 2


def test_the_summary_names_a_field_whose_mistake_has_no_words_of_its_own() -> None:
    assert '<a href="#id_way_0">Delivery: This field is required.</a>' in str(Letter({}))


def test_a_form_without_mistakes_has_no_summary() -> None:
    assert "error-summary" not in str(Letter())


def test_what_a_shopper_typed_is_escaped() -> None:
    html = str(Letter({"email": '"><script>'}))

    assert "<script>" not in html
    assert escape('"><script>') in html


def test_the_html_is_well_formed() -> None:
    assert parse_html(str(Letter({})))
