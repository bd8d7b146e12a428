import pytest

from pipeline.errors import SettingsError
from pipeline.settings import Settings, read_settings


def write(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_without_a_file():
    assert read_settings(None) == Settings()


def test_paths_are_relative_to_the_file(tmp_path):
    settings = read_settings(write(tmp_path, "study: wijk\ncodebook: boek\nextra_names: namen.txt\n"))
    assert settings.codebook == tmp_path / "boek"
    assert settings.extra_names == tmp_path / "namen.txt"
    assert settings.model == Settings().model


def test_an_empty_file_is_the_defaults(tmp_path):
    assert read_settings(write(tmp_path, "")) == Settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_word: 3", "max_word: Extra inputs"),
        ("text: schoon", "text: Input should be"),
        ("study: a/b", "study: String should match"),
        ("min_words: 50\nmax_words: 60", "at least twice min_words"),
        ("- a", "valid dictionary"),
        ("a: [", "not valid YAML"),
    ],
)
def test_bad_settings(tmp_path, text, said):
    with pytest.raises(SettingsError, match=said):
        read_settings(write(tmp_path, text))


def test_all_errors_at_once(tmp_path):
    with pytest.raises(SettingsError, match="2 setting"):
        read_settings(write(tmp_path, "max_word: 3\ntext: schoon"))


def test_a_missing_file(tmp_path):
    with pytest.raises(SettingsError, match="no such settings file"):
        read_settings(tmp_path / "nowhere.yaml")
