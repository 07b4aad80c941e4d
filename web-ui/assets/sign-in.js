// Signs in. A page reached from another site comes without the cookie; one look decides whether it is needed at all.
const form = document.getElementById('sign-in');
const fault = form.querySelector('.fault');
const button = form.querySelector('button');

fetch('/api/v1/air').then((answer) => { if (answer.ok) location.reload(); }, () => {});

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  fault.textContent = '';
  button.disabled = true;
  try {
    const answer = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: form.elements.name.value, password: form.elements.password.value }),
    });
    if (answer.ok) {
      location.replace('/');
      return;
    }
    const problem = await answer.json();
    fault.textContent = `${problem.title}. ${problem.detail}`;
    form.elements.password.select();
  } catch {
    fault.textContent = 'Không liên lạc được với trạm. Hãy xem máy này còn trong mạng của trạm không.';
  } finally {
    button.disabled = false;
  }
});
