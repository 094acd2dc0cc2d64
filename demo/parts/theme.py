"""The look: one accent colour, quiet greys, the system's own font; dark and light from the system."""

from __future__ import annotations

import gradio as gr

from fingerprints.sentence import said

_FONT = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "DejaVu Sans Mono", "monospace")
# Gradio's own labels, in this app's words.
LABELS = {
    "upload_text.drop_file": said("Drop it here"),
    "upload_text.click_to_upload": said("choose it"),
    "upload_text.or": said("or"),
    "common.or": said("or"),
}
# Pictures on the clipboard go the way of an upload: into the page's own file input. Where files are dropped, what is
# written there is what is read out, in place of other words of Gradio's.
HEAD = """
<meta name="viewport" content="width=device-width, initial-scale=1">
<script>
document.addEventListener('paste', event => {
  const files = event.clipboardData ? event.clipboardData.files : [];
  const input = document.querySelector('#drop input[type=file]');
  if (!input || !files.length) return;
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  input.files = carried.files;
  input.dispatchEvent(new Event('change', {bubbles: true}));
});
new MutationObserver(() => {
  document.querySelectorAll('.upload-container[aria-label]').forEach(button => button.removeAttribute('aria-label'));
}).observe(document, {subtree: true, childList: true});
</script>
"""


def theme() -> gr.themes.Base:
    """Teal for the best candidate and for what can be pressed; everything else is grey."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.zinc,
        radius_size=gr.themes.sizes.radius_md,
        font=_FONT,
        font_mono=_MONO,
    ).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_text_color="white",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_800",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        body_background_fill="white",
        block_border_width="0px",
        block_shadow="none",
        block_label_background_fill="transparent",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        input_border_width="1px",
        input_background_fill="white",
        input_border_color="*neutral_300",
    )
